// Note: what the user calls the enlarged filter or picture, kept in this browser and put on what is downloaded.

import { noteOf, takeNote } from "../../state/notes";
import { Icon } from "../../ui/Icon";
import { LONGEST } from "../../url/notes";

interface Props {
  readonly run: string;
  readonly tag: string;
  readonly tile: number;
}

export function Note({ run, tag, tile }: Props) {
  return (
    <label class="note">
      <Icon name="pencil" />
      <input
        key={`${run} ${tag} ${tile}`}
        type="text"
        placeholder="Note: what is it?"
        aria-label="Note on this tile, kept in this browser"
        title="Kept in this browser; downloads show it"
        maxLength={LONGEST}
        value={noteOf(run, tag, tile)}
        onChange={(event) => takeNote(run, tag, tile, event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </label>
  );
}
