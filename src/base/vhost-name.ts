/** The virtual host of everybody who names none that there is; SRS calls it so in hooks and configuration. */
export const DEFAULT_VHOST = '__defaultVhost__'

/**
 * A host as virtual hosts are compared: in lower case, without port, brackets of an IPv6 address and the full stop that may end
 * a domain. IP addresses are names like others.
 * @param host of a URL or a Host header; '' gives `DEFAULT_VHOST`, as does that name in any case
 */
export function normalizeVhost(host: string): string {
  const bare = host.trim().replace(/^\[([^\]]*)\](?::\d*)?$|^([^:]*):\d*$/, '$1$2')
  const name = bare.replace(/(?<=.)\.$/, '').toLowerCase()
  return name === '' || name === DEFAULT_VHOST.toLowerCase() ? DEFAULT_VHOST : name
}

/**
 * The virtual host that a URL's query names: `vhost=`, or else `domain=`, as in SRS. `__defaultVhost__` counts as none.
 * @returns as written; null if it names none
 */
export function vhostOfQuery(parameters: URLSearchParams): string | null {
  const named = [parameters.get('vhost'), parameters.get('domain')]
  return named.find((value) => value !== null && value !== '' && value !== DEFAULT_VHOST) ?? null
}
