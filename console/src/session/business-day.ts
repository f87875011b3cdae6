// The civil day of the reader's zone: by it deadlines are near or past on the screen. The channel itself counts in its
// policy's zone.

export function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
