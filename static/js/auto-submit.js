// Sends a form that only carries a signed message onwards; its button stays for browsers without scripts.
for (const form of document.querySelectorAll('form[data-module="auto-submit"]')) form.submit();
