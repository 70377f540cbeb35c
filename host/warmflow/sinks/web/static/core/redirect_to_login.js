// A WebSocket that is refused does not say why: after a restart of the daemon nobody is logged in any more.

/** Goes to the login page, and from there back here, if the daemon answers that we are not logged in. */
export async function toLogin() {
  const answer = await fetch("/api/me").catch(() => null);
  if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}
