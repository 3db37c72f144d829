import { DEFAULT_VHOST, normalizeVhost } from '../../../base/index.ts'
import { HOOK_EVENTS, isHookUrl } from '../../hooks/index.ts'
import { checkPrograms } from './check-programs.ts'
import type { Valued } from './config.ts'
import type { Findings } from './findings.ts'
import { placeOf } from './read-config.ts'
import type { Config, VhostConfig } from './schema.ts'
import { LISTENER_NAMES } from './settings-of.ts'

/** Looks for directives that are right by themselves, and wrong together. */
export function checkTogether(config: Config, findings: Findings): void {
  const { listen, rtmps, http_server, http_api, daemon, asprocess, listener, vhost } = config.values
  const others = [rtmps, http_server, http_api].map(({ values }) => values.enabled)
  if (listen.value === null && !others.some(isOn)) {
    findings.fault(null, "nothing is listened for: expected 'listen 1935;' for RTMP")
  }
  for (const [name, { values }] of [
    ['http_server', http_server],
    ['http_api', http_api],
  ] as const) {
    if (isOn(values.https.values.enabled) && !isOn(values.enabled)) {
      findings.fault(
        placeOf(values.https.values.enabled),
        `${name}.https is on, and ${name} is off: expected '${name} { enabled on; ... }' around it`,
      )
    }
  }
  if (isOn(asprocess) && isOn(daemon)) {
    findings.fault(
      placeOf(asprocess),
      "asprocess and daemon, which is on unless it is said to be off, exclude each other: expected 'daemon off;'",
    )
  }
  checkWatching(config, findings)
  checkListeners(listener, findings)
  checkVhostNames(vhost, findings)
  for (const each of vhost) {
    checkVhost(each, findings)
  }
}

/** What is watched over HTTP needs HTTP, and HTTP needs something to be watched. */
function checkWatching({ values: { http_server, vhost } }: Config, findings: Findings): void {
  const outputs = vhost.flatMap(({ values: { http_remux, hls } }) => [
    { name: 'http_remux', enabled: http_remux.values.enabled },
    { name: 'hls', enabled: hls.values.enabled },
  ])
  const { enabled, dir } = http_server.values
  if (isOn(enabled)) {
    if (dir.value === null && !outputs.some((output) => isOn(output.enabled))) {
      findings.notice(
        placeOf(enabled),
        "http_server is on, and no vhost has anything to watch over HTTP: say 'http_remux { enabled on; }' for FLV or 'hls { enabled on; }' in it",
      )
    }
    return
  }
  const idle = outputs.find((output) => isOn(output.enabled))
  if (idle !== undefined) {
    findings.notice(
      placeOf(idle.enabled),
      `${idle.name} is on, and http_server is off: say 'http_server { enabled on; }' outside of all vhosts`,
    )
  }
}

function checkListeners(listeners: Config['values']['listener'], findings: Findings): void {
  const seen = new Set<string>()
  for (const listener of listeners) {
    for (const name of listener.names) {
      const isKnown = LISTENER_NAMES.some((known) => known === name)
      if (!isKnown || seen.has(name)) {
        const problem = isKnown ? `there are two for '${name}'` : `'${name}' is no listener`
        findings.fault(
          placeOf(listener),
          `listener: ${problem}: expected each once of ${LISTENER_NAMES.join(', ')}`,
        )
      }
      seen.add(name)
    }
  }
}

function checkVhostNames(vhosts: readonly VhostConfig[], findings: Findings): void {
  const seen = new Map<string, VhostConfig>()
  for (const vhost of vhosts) {
    for (const name of vhost.names) {
      const key = normalizeVhost(name)
      if (/[\s/?#@]/.test(key)) {
        findings.fault(
          placeOf(vhost),
          `vhost: '${name}' is no host: expected a domain, an IP address or ${DEFAULT_VHOST}`,
        )
      }
      const other = seen.get(key)
      if (other !== undefined) {
        const line = placeOf(other)?.line
        findings.fault(
          placeOf(vhost),
          `there are two vhosts '${name}': expected one; the other is ${line === undefined ? 'elsewhere' : `in line ${line}`}`,
        )
      }
      seen.set(key, vhost)
    }
  }
}

function checkVhost({ values }: VhostConfig, findings: Findings): void {
  checkHooks(values, findings)
  checkPrograms(values, findings)
  const { forward, publish, http_remux, hls, token, jwt, cluster } = values
  if (isOn(forward.values.enabled) && (publish.values.kickoff_for_idle.value ?? 0) > 0) {
    findings.fault(
      placeOf(publish.values.kickoff_for_idle),
      'kickoff_for_idle and forward are both on: expected one of them, for a stream that is forwarded has a use without players',
    )
  }
  const { mode, origin } = cluster.values
  if (mode.value === 'remote' && origin.value === null) {
    findings.fault(
      placeOf(mode),
      "cluster.mode is remote, and there is no origin: expected 'origin HOST;' beside it",
    )
  }
  const { enabled, mount } = http_remux.values
  if (isOn(enabled) && mount.value.endsWith('.ts') && isOn(hls.values.enabled)) {
    findings.fault(
      placeOf(mount),
      `http_remux.mount ends in .ts, as the segments of hls do, which is on: expected another ending, or hls off`,
    )
  }
  if (isOn(token.values.enabled) && token.values.key.length === 0 && token.values.key_file.value === null) {
    findings.fault(
      placeOf(token),
      "token is on without a key: expected 'key NAME SECRET;' or 'key_file FILE;' in it",
    )
  }
  if (
    isOn(jwt.values.enabled) &&
    (jwt.values.jwks_file.value === null) === (jwt.values.jwks_url.value === null)
  ) {
    findings.fault(
      placeOf(jwt),
      "jwt needs its keys from one place: expected either 'jwks_file FILE;' or 'jwks_url URL;' in it",
    )
  }
}

/** Hooks are called over HTTP; the rows take any URL. */
function checkHooks({ http_hooks: { values } }: VhostConfig['values'], findings: Findings): void {
  for (const event of HOOK_EVENTS) {
    const urls = values[event]
    for (const url of urls.value ?? []) {
      if (!isHookUrl(url)) {
        findings.fault(
          placeOf(urls),
          `http_hooks.${event}: '${url}' can't be called: expected an http or https URL, e.g. http://127.0.0.1:8085/path`,
        )
      }
    }
  }
}

function isOn({ value }: Valued<boolean | null>): boolean {
  return value === true
}
