// The newest rows of some columns, in arrays of a fixed size: what is full forgets its oldest rows. Nothing is allocated
// after the start, whatever comes.

const BACK_S = 60;

export class Ring {
  constructor(names, capacity) {
    this.capacity = capacity;
    this.n = 0;
    this.columns = Object.fromEntries(names.map((name) => [name, new Float64Array(capacity)]));
    this.names = names;
  }

  /** Rows at the end; columns that are not given are NaN. Rows not newer than the last one are left out. */
  push(columns) {
    const times = columns.time_s;
    if (times[times.length - 1] < this.lastS - BACK_S) this.clear(); // the clock was set back: what is kept is of no use
    let first = 0;
    while (first < times.length && times[first] <= this.lastS) first += 1;
    first = Math.max(first, times.length - this.capacity);
    const more = times.length - first;
    if (more <= 0) return 0;
    const over = Math.max(0, this.n + more - this.capacity);
    for (const name of this.names) {
      const own = this.columns[name];
      const given = columns[name];
      if (over) own.copyWithin(0, over, this.n);
      if (given) own.set(given.subarray(first), this.n - over);
      else own.fill(NaN, this.n - over, this.n - over + more);
    }
    this.n += more - over;
    return more;
  }

  clear() {
    this.n = 0;
  }

  get firstS() {
    return this.n ? this.columns.time_s[0] : Infinity;
  }

  get lastS() {
    return this.n ? this.columns.time_s[this.n - 1] : -Infinity;
  }

  /** Index of the first row at or after a time. */
  from(timeS) {
    return firstAtOrAfter(this.columns.time_s, this.n, timeS);
  }
}

/** Binary search in the first `n` of sorted times. */
export function firstAtOrAfter(times, n, timeS) {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}
