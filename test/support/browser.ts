import { spawnSync } from 'node:child_process'
import { type Browser, chromium } from 'playwright-core'
import { findTool } from '../../scripts/lib/tools.ts'
import type { Scope } from './server.ts'
import { DEFAULT_WAIT_MS } from './wait.ts'

/**
 * What Chromium shall not do. Of such lists it takes the last: so what Playwright has in its own is here, too. The first two are
 * pages that wait behind the address bar of each window, which nobody sees: to load them takes longer than what is tested.
 */
const UNWANTED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

/** No sandbox, since tests run as root; nothing that would call home. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${UNWANTED_FEATURES.join()}`,
  // Each page would have a process of its own, and to start one takes longer than what most tests do with it.
  '--renderer-process-limit=1',
  '--autoplay-policy=no-user-gesture-required',
]

/** Starts a headless Chromium with an empty profile; it is closed after the tests. */
export async function startBrowser(scope: Scope): Promise<Browser> {
  const executablePath = findTool('chromium')
  if (executablePath === null) {
    throw new Error(
      'Chromium is missing: apt-get install --no-install-recommends chromium, or set CHROMIUM_PATH',
    )
  }
  const browser = await chromium.launch({ executablePath: pathOf(executablePath), args: CHROMIUM_ARGUMENTS })
  scope.onTestFinished(() => browser.close())
  // Its own bound is shorter than a busy machine may take.
  browser.on('context', (context) => context.setDefaultTimeout(DEFAULT_WAIT_MS))
  return browser
}

/** Playwright wants a path, not a command. */
function pathOf(command: string): string {
  const { stdout } = spawnSync('sh', ['-c', 'command -v "$0"', command], { encoding: 'utf8' })
  return stdout.trim()
}
