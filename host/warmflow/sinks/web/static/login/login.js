// Where to go after the login, and whether the last token was wrong: both stand in the address.

import "../core/theme.js";

const asked = new URLSearchParams(location.search);
document.getElementById("next").value = asked.get("next") ?? "/";
if (asked.has("wrong")) document.getElementById("wrong").textContent = "That token is wrong.";
