// One document: the address says which page is shown. Links change the page without a new document, so that the live feed
// goes on; reload, back and forth work as everywhere.

import { mark, say } from "../core/dom.js";
import { clock, utc } from "../core/format.js";
import { clockWords } from "../core/state_words.js";
import { model } from "../core/store.js";
import { CONNECTION } from "../core/texts.js";
import * as themes from "../core/theme.js";
import { alarmSignal } from "./alarm_signal.js";
import { alarmsPage } from "./alarms.js";
import { controlsPage } from "./controls.js";
import { helpPage } from "./help.js";
import { overview } from "./overview.js";
import { pumpPage } from "./pump.js";

const PAGES = [
  [/^\/pump\/(.+)$/, pumpPage, (name) => ({ name: decoded(name) })],
  [/^\/alarms$/, alarmsPage, () => ({})],
  [/^\/controls$/, controlsPage, () => ({})],
  [/^\/help$/, helpPage, () => ({})],
  [/^.*$/, overview, () => ({})],
];
const by = (id) => document.getElementById(id);
let leaving = new AbortController();

/** A pump's name out of the address; what is no encoding stands for itself: a pump that nobody knows. */
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Shows what the address names, in place of what was shown. */
function route(focus) {
  leaving.abort();
  leaving = new AbortController();
  const main = by("page");
  const [pattern, page, given] = PAGES.find(([known]) => known.test(location.pathname));
  main.replaceChildren();
  main.className = page.name;
  mark(main, "data-paused", null);
  page(main, { ...given(location.pathname.match(pattern)[1]), signal: leaving.signal });
  for (const link of document.querySelectorAll("nav a"))
    mark(link, "aria-current", link.pathname === location.pathname ? "page" : null);
  if (focus) main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function follow(event) {
  const link = event.target.closest("a[href^='/']");
  if (
    !link ||
    event.defaultPrevented ||
    event.button ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey ||
    link.download ||
    link.target
  )
    return;
  event.preventDefault();
  history.pushState(null, "", withKiosk(link.getAttribute("href")));
  route(true);
}

const isKiosk = () => new URLSearchParams(location.search).get("kiosk") === "1";
const withKiosk = (address) => (isKiosk() ? `${address}${address.includes("?") ? "&" : "?"}kiosk=1` : address);

function showConnection() {
  const banner = by("connection");
  mark(document.documentElement, "data-connection", model.connection);
  const clocks = model.connection === "open" ? clockWords(model.offsetS) : "";
  banner.hidden = model.connection === "open" && !clocks;
  say(banner, clocks || CONNECTION[model.connection]);
}

function showTheme() {
  say(by("theme"), `Theme: ${themes.chosen()}`);
}

function showClock() {
  say(by("clock"), clock(model.nowS()));
  mark(by("clock"), "title", utc(model.nowS()));
  showConnection();
}

mark(document.documentElement, "data-kiosk", isKiosk());
addEventListener("popstate", () => route(true));
document.addEventListener("click", follow);
by("theme").addEventListener("click", () => {
  themes.next();
  showTheme();
});
model.addEventListener("connection", showConnection);
model.addEventListener("me", () => {
  by("controls-link").hidden = !model.me.commands;
  by("logout").hidden = !model.me.login;
});
alarmSignal({ badge: by("worst"), voice: by("voice"), soundButton: by("sound") });
model.start();
showTheme();
showClock();
setInterval(showClock, 1000);
route(false);
