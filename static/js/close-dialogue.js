// Tells the platform that its registration dialogue may close (LTI Dynamic Registration 1.0, section 3.6).
for (const button of document.querySelectorAll('[data-module="close-dialogue"]')) {
  button.hidden = false;
  button.addEventListener("click", () => {
    (window.opener ?? window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  });
}
