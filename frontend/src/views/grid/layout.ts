// Room, number of tiles and wanted size -> columns and tile width of the grid.

export interface Room {
  readonly width: number;
  readonly height: number;
}

export interface Grid {
  readonly columns: number;
  readonly width: number;
}

export interface TileShape {
  readonly count: number;
  /** Height of a picture over its width. */
  readonly aspect: number;
  /** Height of the text under a picture. */
  readonly caption: number;
  readonly gap: number;
  /** Width below which picture and text can no longer be read. */
  readonly least: number;
}

const LARGEST = 440;

/**
 * Without a wanted size the tiles become as large as they can while all of them fit the room; where
 * they cannot all fit they keep a size at which a picture can still be read, whole columns fill the
 * width, and the room scrolls.
 */
export function grid(room: Room, tiles: TileShape, wanted: number | null): Grid {
  if (wanted !== null) return filled(room, tiles, wanted);
  let best: Grid = { columns: 1, width: 0 };
  for (let columns = 1; columns <= tiles.count; columns++) {
    const rows = Math.ceil(tiles.count / columns);
    const rowHeight = (room.height - tiles.gap * (rows - 1)) / rows;
    const width = Math.floor(
      Math.min(LARGEST, columnWidth(room, tiles, columns), (rowHeight - tiles.caption) / tiles.aspect),
    );
    if (width > best.width) best = { columns, width };
  }
  return best.width >= tiles.least ? best : filled(room, tiles, 1.2 * tiles.least);
}

function filled(room: Room, tiles: TileShape, wanted: number): Grid {
  const columns = Math.max(1, Math.round((room.width + tiles.gap) / (wanted + tiles.gap)));
  return { columns, width: Math.floor(columnWidth(room, tiles, columns)) };
}

function columnWidth(room: Room, tiles: TileShape, columns: number): number {
  return (room.width - tiles.gap * (columns - 1)) / columns;
}
