// The second pass over HTML that the server has cleaned already (lti_tool/web/markdown.py): the same allow-list.
import DOMPurify from "../vendor/purify.es.mjs";

// What is no address and holds none; without this list each value would be read as one.
const PLAIN = ("start target rel " +
  "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop " +
  "linethickness lspace mathcolor mathvariant maxsize minsize notation rowlines rowspacing rspace scriptlevel " +
  "stretchy voffset width").split(" ");
const SAFE = {
  ALLOWED_TAGS: ("p br hr ul ol li blockquote pre code span strong em s h3 h4 h5 h6 " +
    "table thead tbody tr th td a " +
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle " +
    "msub msubsup msup mtable mtd mtext mtr munder munderover").split(" "),
  ALLOWED_ATTR: ["href", "class", "title", ...PLAIN],
  ADD_URI_SAFE_ATTR: PLAIN,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const CLASSES = /^(?:hl-[a-z0-9]+|language-[\w+#.-]+|citation)$/;

// Other purifiers on the page would share the hooks of the default one.
const purifier = DOMPurify(window);
purifier.addHook("uponSanitizeAttribute", (_element, attribute) => {
  if (attribute.attrName === "class") attribute.keepAttr = CLASSES.test(attribute.attrValue);
});
purifier.addHook("afterSanitizeAttributes", (element) => {
  if (element.hasAttribute("target")) {
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener noreferrer");
  }
});

// A fragment that may be put into the page.
export function safeFragment(html) {
  return purifier.sanitize(html, SAFE);
}
