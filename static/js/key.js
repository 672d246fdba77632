// A key for what is sent: by the same one again, the server knows that it has done it, and an answer names its question.
export function newKey() {
  // randomUUID is missing on plain http outside of this machine.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
