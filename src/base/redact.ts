/** What stands in place of a secret. */
const REDACTED = '***'

/** Query parameters whose value lets in whoever has it. */
const SECRET_PARAMETERS = [
  'sig',
  'sign',
  'signature',
  'token',
  'access_token',
  'jwt',
  'auth',
  'secret',
  'pass',
  'passwd',
  'password',
  'pwd',
] as const

const SECRET_PARAMETER = new RegExp(`((?:^|[?&#;\\s])(?:${SECRET_PARAMETERS.join('|')})=)[^&#;\\s'"]+`, 'gi')

/** A JSON Web Token wherever it stands (RFC 7515, 3.1): three parts, of which the first is an object in base64url. */
const JSON_WEB_TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g

/**
 * A text such as `tcUrl` or `?expires=1&sig=...` without its secrets, for logs and the API: the values of parameters like `sig`,
 * `token` and `password`, and JSON Web Tokens wherever they stand.
 */
export function redactSecrets(text: string): string {
  if (!text.includes('=') && !text.includes('eyJ')) {
    return text
  }
  return text.replace(SECRET_PARAMETER, `$1${REDACTED}`).replace(JSON_WEB_TOKEN, REDACTED)
}
