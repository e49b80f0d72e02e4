/** Returns the page's icon with a badge of this count. */
export function createBadgedIcon(count: number): string {
  const text = count > 9 ? "9+" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0b6b63" d="M8 2h16a6 6 0 0 1 6 6v11a6 6 0 0 1-6 6H13.5l-5.2 4.6A.8.8 0 0 1 7 29v-4.1A6 6 0 0 1 2 19V8a6 6 0 0 1 6-6Z"/><g fill="#fff"><rect x="7.5" y="7.5" width="4" height="12" rx="2"/><rect x="14" y="11.5" width="4" height="8" rx="2"/></g><circle cx="22" cy="22" r="10" fill="#b93a1d"/><text x="22" y="27" font-family="sans-serif" font-size="14" font-weight="700" text-anchor="middle" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
