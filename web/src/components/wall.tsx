import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { labelOf } from '../route.ts'
import { ownServer } from '../store.ts'
import { formatWallRoute, groupOf, isChosen, type WallRoute } from '../wall/wall-route.ts'
import { WallServer } from '../wall/wall-server.ts'
import { WatchedServer } from '../watched-server.ts'
import { Icon } from './icons.tsx'
import { WallTile } from './wall-tile.tsx'

/** Streams of one server on the wall at most; of more it is told how many there are. */
const MAX_WALL_TILES = 200

/** All streams at once, of this server and of those that the address names. */
export function Wall({ route }: { route: WallRoute }): JSX.Element {
  const servers = useWallServers(route.servers)
  return (
    <main class="wall">
      <WallHead route={route} servers={servers} />
      {route.faults.map((fault) => (
        <p key={fault} class="wall-note" role="alert">
          <Icon name="warning" />
          <span>
            <code>{fault}</code> is not the address of a server: write <code>http://host:port</code>.
          </span>
        </p>
      ))}
      {servers.map((each) => (
        <WallSection
          key={each.server.base}
          wallServer={each}
          paths={each.paths.value.filter((path) => isChosen(path, route.choice))}
          isAlone={servers.length === 1}
        />
      ))}
    </main>
  )
}

/** The choice of what is shown: all, or what is in one application. */
function WallHead({ route, servers }: { route: WallRoute; servers: readonly WallServer[] }): JSX.Element {
  const { choice } = route
  const paths = servers.flatMap((each) => each.paths.value)
  const groups = [...new Set([...paths.map(groupOf), ...(choice === '' ? [] : [choice])])].sort()
  return (
    <div class="wall-head">
      <h2>Wall</h2>
      {(groups.length > 1 || choice !== '') && (
        <nav class="wall-choices" aria-label="Which streams">
          {['', ...groups].map((group) => (
            <a
              key={group}
              href={formatWallRoute({ choice: group, servers: route.servers })}
              aria-current={group === choice ? 'true' : undefined}
            >
              {group === '' ? 'All' : labelOf(group)}{' '}
              <span class="count">{paths.filter((path) => isChosen(path, group)).length}</span>
            </a>
          ))}
        </nav>
      )}
    </div>
  )
}

function WallSection(props: {
  wallServer: WallServer
  paths: readonly string[]
  isAlone: boolean
}): JSX.Element {
  const { wallServer, paths, isAlone } = props
  const { server, host } = wallServer
  const isOwn = server === ownServer
  return (
    <section class="wall-section" aria-label={`Streams of ${host}`}>
      {!isAlone && (
        <h3>
          {isOwn ? (
            <>
              {host} <span class="muted">this server</span>
            </>
          ) : (
            <a class="wall-server" href={server.base}>
              {host}
            </a>
          )}
        </h3>
      )}
      <ServerNote wallServer={wallServer} isEmpty={paths.length === 0} />
      <ul class="wall-tiles">
        {paths.slice(0, MAX_WALL_TILES).map((path) => (
          <WallTile key={path} server={server} path={path} />
        ))}
      </ul>
      {paths.length > MAX_WALL_TILES && (
        <p class="muted">
          These are {MAX_WALL_TILES} of {paths.length}.
        </p>
      )}
    </section>
  )
}

/** Says why there is nothing of a server, or nothing new. */
function ServerNote(props: { wallServer: WallServer; isEmpty: boolean }): JSX.Element | null {
  const { server, host } = props.wallServer
  const refusal = server.listRefusal.value
  if (refusal === 'forbidden') {
    return <Note>{host} does not tell its streams to this device.</Note>
  }
  if (refusal === 'unauthorised') {
    return server === ownServer ? (
      <Note>
        The list of streams needs a password: <a href="./console/">sign in at the console</a>, in this tab,
        and come back.
      </Note>
    ) : (
      <Note>The list of streams of {host} needs a password, which is not asked for here.</Note>
    )
  }
  if (server.reachable.value === false) {
    const isOwn = server === ownServer
    return (
      <Note>
        {host} is out of reach{isOwn ? '' : ', or does not answer pages of other servers'}. The wall keeps
        trying.
      </Note>
    )
  }
  return props.isEmpty && server.streams.value !== null ? (
    <p class="wall-note" role="status">
      <Icon name="antenna" />
      <span>Nothing is live. Streams appear here by themselves.</span>
    </p>
  ) : null
}

function Note({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <p class="wall-note" role="alert">
      <Icon name="warning" />
      <span>{children}</span>
    </p>
  )
}

/** This server and others, which are listened to for as long as the wall shows them. */
function useWallServers(bases: readonly string[]): readonly WallServer[] {
  const own = useMemo(() => new WallServer(ownServer), [])
  useEffect(() => own.follow(), [own])
  const others = useMemo(
    () =>
      bases
        .filter((base) => base !== ownServer.base)
        // Another server is not told the password of this one.
        .map((base) => new WallServer(new WatchedServer(base, () => null))),
    [bases.join(' ')],
  )
  useEffect(() => {
    const stops = others.flatMap((other) => [other.follow(), other.server.start()])
    return () => {
      for (const stop of stops) {
        stop()
      }
    }
  }, [others])
  return [own, ...others]
}
