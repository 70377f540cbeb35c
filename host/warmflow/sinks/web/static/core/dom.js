// Elements made and changed in place. No markup out of strings: a pump's name cannot become a tag.

/** An element; `on...` are listeners, `true` and `false` switch an attribute, null leaves it out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, given] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), given);
    else if (given === true && !name.startsWith("aria-")) node.setAttribute(name, "");
    else mark(node, name, given);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Changes a text only where it is another: nothing is laid out anew, and no reader speaks twice. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute, or takes it away; those of `aria-` know a false. */
export function mark(node, name, given) {
  const off = given === null || given === undefined || (given === false && !name.startsWith("aria-"));
  const text = off ? null : String(given);
  if (text === node.getAttribute(name)) return;
  if (text === null) node.removeAttribute(name);
  else node.setAttribute(name, text);
}

/** Children in this order, moved only where they stand elsewhere. */
export function arrange(parent, nodes) {
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

/** Gives a file to the person. */
export function download(name, blob) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
