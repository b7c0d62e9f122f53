// Badge of a layer that is frozen at the step on screen.

import { isFrozen } from "../../state/trained";
import { Badge } from "../../ui/Badge";

export function Frozen({ layer }: { layer: string }) {
  if (!isFrozen(layer)) return null;
  return <Badge icon="lock" text="frozen" title="Not trained up to this step: its weights did not change" />;
}
