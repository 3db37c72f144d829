import { fileURLToPath } from 'node:url'
import type { StaticRoot } from '../http/index.ts'

/**
 * What the console may do (Content Security Policy Level 3): run the scripts and styles that come with it and ask the server it
 * comes from. Nothing of another origin, nothing inline, and no page of others may put it in a frame, where a click on "kick" could
 * be stolen. `data:` is for drawings within the style sheet.
 */
const CONSOLE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CONSOLE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONSOLE_POLICY,
  // The API tells requests of its own pages by what the browser says of the page.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

/** The built page, and the console in its folder `console`: beside the compiled package, or in the project's `dist` when run from source. */
export function webRoot(): StaticRoot {
  const here = import.meta.url
  return {
    folder: fileURLToPath(new URL(here.endsWith('.ts') ? '../../dist/web/' : '../web/', here)),
    headersOf: (path) => (path.startsWith('console/') ? CONSOLE_HEADERS : {}),
  }
}
