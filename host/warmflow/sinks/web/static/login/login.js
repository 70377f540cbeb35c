// Where to go after the login, and whether the last token was wrong: both stand in the address. At /login/instructor the
// same form asks for the instructor's code.

import "../core/theme.js";

const INSTRUCTOR = "/login/instructor";
const asked = new URLSearchParams(location.search);
const by = (id) => document.getElementById(id);
const ofInstructor = location.pathname === INSTRUCTOR;

by("next").value = asked.get("next") ?? "/";
if (ofInstructor) {
  by("form").action = INSTRUCTOR;
  by("why").textContent = "This page is for the instructor. The file with the code is named in the log of the daemon.";
  by("token-label").textContent = "Instructor's code";
  for (const id of ["name", "name-label"]) by(id).remove();
}
if (asked.has("wrong")) by("wrong").textContent = ofInstructor ? "That code is wrong." : "That token is wrong.";
