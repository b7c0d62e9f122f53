// A part of the page that may fail on data nobody foresaw -> that part, or a message in its place.

import { Component, type ComponentChildren } from "preact";

interface Props {
  /** When this changes, the part is tried again. */
  readonly about: string;
  readonly children: ComponentChildren;
}

export class Safe extends Component<Props, { failed: string | null }> {
  override state = { failed: null };

  override componentDidCatch(error: unknown): void {
    console.warn("convviz: cannot show this", error);
    this.setState({ failed: this.props.about });
  }

  override render() {
    if (this.state.failed !== this.props.about) return this.props.children;
    return (
      <div class="message" role="alert">
        <h3>This cannot be shown</h3>
        <p>The log holds something that this version does not understand. Other layers and steps may still work.</p>
      </div>
    );
  }
}
