import { type ProxyProtocolOptions, parseHostPort } from '../../../net/index.ts'
import type { ServerSettings } from '../../settings/index.ts'
import type { AnyBlock } from './config.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { DEFAULT_VHOST, VHOST } from './rows/vhost.ts'
import type { Config, VhostConfig } from './schema.ts'
import { applyRows, putSetting, type SettingsTree } from './settings-tree.ts'

/** The names of listeners that `proxy_protocol` may have. */
type ListenerName = 'rtmp' | 'rtmps' | 'http' | 'https'

/** What a block with a certificate says. */
type TlsValues = Config['values']['rtmps']['values']

/**
 * What a configuration says as a program says it to `createServer`. What nobody wrote is left out, so that the modules' own
 * defaults hold.
 */
export function settingsOf(config: Config): ServerSettings {
  const tree: SettingsTree = {}
  applyRows(ROOT_ROWS, config.values as AnyBlock['values'], tree, ['vhost'])
  const vhost = config.values.vhost.find(({ names }) => names.includes(DEFAULT_VHOST))
  if (vhost !== undefined) {
    applyRows(VHOST.rows, vhost.values as AnyBlock['values'], tree)
    putRules(vhost, tree)
  }
  putListeners(config, tree)
  // The rows' paths are those of the settings: the compiler compares them (CheckedRows).
  return tree as ServerSettings
}

function putListeners({ values }: Config, tree: SettingsTree): void {
  const { listen, rtmps, http_server, proxy_protocol } = values
  const proxies = new Map<string, ProxyProtocolOptions>()
  for (const { names, values: proxy } of proxy_protocol) {
    if (proxy.enabled.value) {
      const { kinds, trusted } = proxy
      const trust = trusted.value === null ? {} : { trustedProxies: trusted.value }
      for (const name of names) {
        proxies.set(name, { kinds: kinds.value as NonNullable<ProxyProtocolOptions['kinds']>, ...trust })
      }
    }
  }
  const listener = (name: ListenerName, endpoints: readonly string[]): SettingsTree => {
    const proxyProtocol = proxies.get(name)
    return { ...parseHostPort(endpoints[0] ?? ''), ...(proxyProtocol === undefined ? {} : { proxyProtocol }) }
  }
  const secured = (name: ListenerName, { listen, key, cert }: TlsValues): SettingsTree => ({
    ...listener(name, listen.value),
    certificate: cert.value,
    key: key.value,
  })
  // Sessions are alike with TLS and without.
  const session = tree.rtmp as SettingsTree | undefined
  delete tree.rtmp
  if (listen.value !== null) {
    tree.rtmp = { ...session, ...listener('rtmp', listen.value) }
  }
  if (rtmps.values.enabled.value) {
    tree.rtmps = { ...session, ...secured('rtmps', rtmps.values) }
  }
  const { enabled, listen: httpListen, page, https } = http_server.values
  if (enabled.value) {
    const shown = page.origin.from === 'default' ? {} : { page: page.value }
    tree.http = { ...listener('http', httpListen.value), ...shown }
    if (https.values.enabled.value) {
      tree.https = { ...secured('https', https.values), ...shown }
    }
  }
}

/** `allow` and `deny` are one list of rules in settings; on without any refuses everybody. */
function putRules({ values }: VhostConfig, tree: SettingsTree): void {
  const { enabled, allow, deny } = values.security.values
  if (enabled.value) {
    const rules = [
      ...deny.map(({ value }) => ({ effect: 'deny', ...value })),
      ...allow.map(({ value }) => ({ effect: 'allow', ...value })),
    ]
    putSetting(tree, 'access.security', { rules })
  }
}
