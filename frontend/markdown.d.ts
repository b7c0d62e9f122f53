declare module "*/reading.md" {
  const chapters: readonly import("./reading").Chapter[];
  export default chapters;
}
