// A copy button on every block of code. Where the frame may not write to the clipboard, it selects the code instead.
export function addCopyButtons(root, texts) {
  for (const block of root.querySelectorAll(".tutor-text pre:not(:has(.tutor-copy))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tutor-copy btn btn-sm btn-outline-secondary";
    button.textContent = texts.textCopy;
    button.addEventListener("click", () => copy(block.querySelector("code") ?? block, button, texts));
    block.append(button);
  }
}

async function copy(code, button, texts) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = texts.textCopied;
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = texts.textSelected;
  }
  setTimeout(() => (button.textContent = texts.textCopy), 3000);
}
