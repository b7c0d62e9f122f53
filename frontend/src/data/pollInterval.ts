// What is going on -> milliseconds until the next question to the server; null asks no more.

export interface Situation {
  readonly visible: boolean;
  readonly lost: boolean;
  readonly empty: boolean;
  readonly training: boolean;
}

export function pace({ visible, lost, empty, training }: Situation): number | null {
  if (!visible) return null;
  return lost || empty || training ? 5_000 : 20_000;
}
