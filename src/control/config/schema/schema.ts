import type { ProcessSettings, ServerSettings } from '../../settings/index.ts'
import type { Block } from './config.ts'
import type { Rows } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { VHOST } from './rows/vhost.ts'
import type { CheckedRows } from './setting-path.ts'

/** A configuration in force: every directive with its value and where that is from. */
export type Config = Block<typeof ROOT_ROWS>

/** A vhost in force. */
export type VhostConfig = Block<typeof VHOST.rows>

/** What the rows outside of vhosts become. */
type ConfigSettings = ServerSettings & Readonly<{ process: ProcessSettings }>

// The compiler's part: each row's `to` names a setting that is there, and takes what the row gives.
const { vhost: _vhost, ...ofServer } = ROOT_ROWS
ofServer satisfies CheckedRows<ConfigSettings>
VHOST.rows satisfies CheckedRows<ServerSettings>
ROOT_ROWS satisfies Rows
