import type { JSX } from 'preact'
import { Logo } from '../../../src/components/icons.tsx'
import { server, siteBase } from '../console.ts'
import { nextTheme, type ThemeChoice, themeChoice } from '../theme.ts'
import { Icon } from './icon.tsx'

const LINK_TEXTS = {
  connecting: 'Connecting',
  online: 'Live',
  gone: 'Server gone',
  unauthorised: 'Sign in',
  forbidden: 'Forbidden',
} as const

const THEME_TEXTS: Readonly<Record<ThemeChoice, string>> = {
  auto: 'as the system',
  light: 'light',
  dark: 'dark',
}

/** What is always at the top: whose console this is, whether it is live, light or dark. */
export function TopBar(): JSX.Element {
  const { kind } = server.link.state.value
  const version = server.summary.value.value?.self.version
  return (
    <header class="top-bar">
      <a class="brand" href="#/overview">
        <Logo />
        <span class="brand-name">SRS</span>
        <span class="brand-detail">console</span>
      </a>
      <span class="top-host">
        {location.host}
        {version !== undefined && <span class="top-version">v{version}</span>}
      </span>
      <span class="link-state" data-link={kind} role="status">
        <span class="dot" aria-hidden="true" />
        {LINK_TEXTS[kind]}
      </span>
      <a class="btn btn-quiet top-player" href={siteBase} title="The page with the player">
        <Icon name="play" />
        <span class="top-label">Player</span>
      </a>
      <button
        type="button"
        class="btn btn-quiet"
        onClick={nextTheme}
        aria-label={`Colours: ${THEME_TEXTS[themeChoice.value]}. Change`}
        title={`Colours: ${THEME_TEXTS[themeChoice.value]}`}
      >
        <Icon name={themeChoice.value} />
      </button>
      {server.signedIn.value && kind !== 'unauthorised' && (
        <button
          type="button"
          class="btn btn-quiet"
          onClick={() => void server.signOut()}
          aria-label="Sign out"
          title="Sign out"
        >
          <Icon name="signOut" />
        </button>
      )}
    </header>
  )
}
