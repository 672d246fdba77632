// A key for what is sent: with the same one again, the server does it once.
export function newKey() {
  // randomUUID is missing on plain http outside of this machine.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
