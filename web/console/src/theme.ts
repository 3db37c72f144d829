import { effect, type Signal, signal } from '@preact/signals'

/** What the toggle is set to. */
export type ThemeChoice = 'auto' | 'light' | 'dark'

const KEY = 'srs-console-theme'
const CHOICES: readonly ThemeChoice[] = ['auto', 'light', 'dark']
const system = matchMedia('(prefers-color-scheme: dark)')

/** What the person chose; `auto` follows the system. */
export const themeChoice: Signal<ThemeChoice> = signal(read())

/** What is shown. */
export const theme: Signal<'light' | 'dark'> = signal('light')

/** Puts the theme on the page, now and when it changes. */
export function followTheme(): void {
  const systemDark = signal(system.matches)
  system.addEventListener('change', () => {
    systemDark.value = system.matches
  })
  effect(() => {
    const choice = themeChoice.value
    const shown = choice === 'auto' ? (systemDark.value ? 'dark' : 'light') : choice
    // Bootstrap's attribute.
    document.documentElement.dataset.bsTheme = shown
    theme.value = shown
  })
}

/** Goes on to the next choice, and remembers it. */
export function nextTheme(): void {
  const next = CHOICES[(CHOICES.indexOf(themeChoice.value) + 1) % CHOICES.length] ?? 'auto'
  themeChoice.value = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Storage may be switched off; then the choice lasts as long as the page.
  }
}

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY)
    return CHOICES.find((choice) => choice === stored) ?? 'auto'
  } catch {
    return 'auto'
  }
}
