// This computer's date: the only module of the pages that reads it. What the daemon dates is compared with `model.nowS()`.

/** Unix seconds. */
export const pageNowS = () => Date.now() / 1000;
