import type { CertificateOptions, ListenOptions } from '../../../net/index.ts'
import type {
  ApiListenOptions,
  HttpListenOptions,
  ProcessSettings,
  ServerSettings,
  VhostSettings,
} from '../../settings/index.ts'
import type { Block } from './config.ts'
import type { Rows } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { VHOST } from './rows/vhost.ts'
import type { CheckedRows, SettingLeaf, SettingsOfRows } from './setting-path.ts'

/** A configuration in force: every directive with its value and where that is from. */
export type Config = Block<typeof ROOT_ROWS>

/** A vhost in force. */
export type VhostConfig = Block<typeof VHOST.rows>

/** What the rows outside of vhosts become. */
type ConfigSettings = ServerSettings & Readonly<{ process: ProcessSettings }>

// The compiler's part. First: each row's `to` names a setting that is there, and takes what the row gives.
const { vhost: _vhost, ...ofServer } = ROOT_ROWS
ofServer satisfies CheckedRows<ConfigSettings>
VHOST.rows satisfies CheckedRows<VhostSettings>
ROOT_ROWS satisfies Rows

/** Settings of listeners, which `settingsOf` puts together itself: from endpoints, certificates and `listener`. */
type OfListeners =
  | SettingLeaf<ListenOptions>
  | SettingLeaf<CertificateOptions>
  | Exclude<SettingLeaf<ApiListenOptions & HttpListenOptions>, SettingLeaf<ListenOptions>>

/** Settings of a server that no row names, and why. */
type ServerSettingsByHand =
  | `${'rtmp' | 'rtmps' | 'http' | 'https' | 'api' | 'apiHttps' | 'exporter'}.${OfListeners}`
  // As those of `rtmp`: sessions are alike with TLS and without.
  | Extract<SettingLeaf<ServerSettings>, `rtmps.${string}`>
  // What a program says for all vhosts a file says for each; `settingsOf` gives every vhost its own.
  | Extract<
      SettingLeaf<ServerSettings>,
      `${'access' | 'hooks' | 'flv' | 'hls' | 'broadcast' | 'streams'}.${string}`
    >
  | `rtmp.${SettingLeaf<NonNullable<VhostSettings['rtmp']>>}`
  | `vhosts.${string}`
  // Of `utc_time`, which the log has, too.
  | 'programs.utcTime'
  // A block that is off says nothing else.
  | 'stats.enabled'
  // A file names the variable or the file that has it, so that it is not printed with the rest.
  | 'hookDelivery.secret'
  // A name and a password that stand there while `auth` is off are for nobody.
  | 'apiAccess.auth.enabled'

/** Settings of a vhost that no row names: switches whose defaults differ, and rules of two directives. */
type VhostSettingsByHand =
  | 'flv.enabled'
  | 'hls.enabled'
  | 'hooks.enabled'
  | 'forward.enabled'
  | `access.${'refer' | 'security' | 'token' | 'jwt'}.enabled`
  | Extract<SettingLeaf<VhostSettings>, `access.security.${string}`>
  // Lists of blocks, which `enginesOf` reads.
  | 'transcode'
  | 'ingest'

/** Settings of the process that no row names: what follows from several directives, and words of SRS that mean ours. */
type ProcessSettingsByHand =
  | 'daemon'
  | 'autoReload'
  | 'log.level'
  | 'log.utc'
  | 'progress.publishMs'
  | 'progress.playMs'

// Second: each setting has a row, or is named above.
type Unsaid =
  | Exclude<SettingLeaf<ServerSettings>, SettingsOfRows<typeof ofServer> | ServerSettingsByHand>
  | Exclude<SettingLeaf<VhostSettings>, SettingsOfRows<typeof VHOST.rows> | VhostSettingsByHand>
  | Exclude<
      `process.${SettingLeaf<ProcessSettings>}`,
      SettingsOfRows<typeof ofServer> | `process.${ProcessSettingsByHand}`
    >
const noneUnsaid: readonly Unsaid[] = []
noneUnsaid satisfies readonly never[]
