// The moment that somebody points at, also after the mouse has left the plots for a button: a mark or a note is meant for
// what was pointed at last, as long as that is on show.

export class Pointer {
  timeS = null; // under the mouse, or under the cursor that keys move; null for none
  #lastS = null;

  move(timeS) {
    this.timeS = timeS;
    this.#lastS = timeS ?? this.#lastS;
  }

  /** What is meant in this stretch; null for nothing in it. */
  within([fromS, toS]) {
    const timeS = this.timeS ?? this.#lastS;
    return timeS >= fromS && timeS <= toS ? timeS : null;
  }

  /** Nobody means the moment any more that was pointed at. */
  forget() {
    this.#lastS = this.timeS;
  }
}
