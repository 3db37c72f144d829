import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { route, server } from '../console.ts'
import { ClientsView } from '../views/clients-view.tsx'
import { ForbiddenView } from '../views/forbidden-view.tsx'
import { OverviewView } from '../views/overview-view.tsx'
import { ProgramsView } from '../views/programs-view.tsx'
import { RefusalsView } from '../views/refusals-view.tsx'
import { RelaysView } from '../views/relays-view.tsx'
import { ServerView } from '../views/server-view.tsx'
import { SignInView } from '../views/sign-in-view.tsx'
import { StreamView } from '../views/stream-view.tsx'
import { StreamsView } from '../views/streams-view.tsx'
import { VhostsView } from '../views/vhosts-view.tsx'
import { Banner } from './banner.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'
import { TopBar } from './top-bar.tsx'

/** The whole console. */
export function App(): JSX.Element {
  const main = useRef<HTMLElement>(null)
  const { kind } = server.link.state.value
  const isClosed = kind === 'unauthorised' || kind === 'forbidden'
  return (
    <>
      <button type="button" class="btn btn-primary skip-link" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <TopBar />
      <div class="shell" data-closed={isClosed}>
        {!isClosed && <Navigation />}
        <main ref={main} tabIndex={-1} data-stale={kind === 'gone'} data-view={route.value.view}>
          <Banner />
          {kind === 'unauthorised' && <SignInView />}
          {kind === 'forbidden' && <ForbiddenView />}
          {!isClosed && <CurrentView />}
        </main>
      </div>
      <Notices />
      <ConfirmDialog />
    </>
  )
}

function CurrentView(): JSX.Element {
  const { view, path } = route.value
  useFocusOnChange(`${view} ${path}`)
  switch (view) {
    case 'overview':
      return <OverviewView />
    case 'streams':
      return <StreamsView />
    case 'stream':
      return <StreamView key={path} path={path} />
    case 'clients':
      return <ClientsView />
    case 'vhosts':
      return <VhostsView />
    case 'relays':
      return <RelaysView />
    case 'programs':
      return <ProgramsView />
    case 'refusals':
      return <RefusalsView />
    case 'server':
      return <ServerView />
  }
}

/** Who goes to another view is put at its heading, where a screen reader begins to read. */
function useFocusOnChange(place: string): void {
  const first = useRef(true)
  useEffect(() => {
    if (first.current) {
      first.current = false
      return
    }
    window.scrollTo(0, 0)
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [place])
}
