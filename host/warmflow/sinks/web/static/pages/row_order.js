// Rows that stay where they are while somebody is about to press something in them: what is new comes in at the end, what has
// gone stays in its place, and the order is put right when the hand has left for a while.

const HOLD_MS = 3000;

export class RowOrder {
  #keys = [];
  #insideSince = null;
  #leftMs = -Infinity;

  /** Listens to the pointer over `node`; `settled()` is called when the order may be put right. */
  constructor(node, settled, signal) {
    const enter = () => {
      this.#insideSince = performance.now();
    };
    const leave = () => {
      this.#insideSince = null;
      this.#leftMs = performance.now();
      setTimeout(settled, HOLD_MS + 20);
    };
    node.addEventListener("pointerenter", enter, { signal });
    node.addEventListener("pointerdown", enter, { signal });
    node.addEventListener("pointerleave", leave, { signal });
    node.addEventListener("pointercancel", leave, { signal });
  }

  get held() {
    return this.#insideSince !== null || performance.now() - this.#leftMs < HOLD_MS;
  }

  /** The keys in the order to be shown: as wanted, or while it is held as they were, with the new ones behind. */
  of(wanted) {
    if (!this.held) this.#keys = [...wanted];
    else this.#keys.push(...wanted.filter((key) => !this.#keys.includes(key)));
    return this.#keys;
  }
}
