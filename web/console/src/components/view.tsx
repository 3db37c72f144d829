import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'

/** A view: its heading, what stands beside it, and what is in it. */
export function View(props: {
  title: string
  /** Beside the title, e.g. a count. */
  detail?: ComponentChildren
  /** At the other end of the heading: buttons, a filter. */
  actions?: ComponentChildren
  children: ComponentChildren
}): JSX.Element {
  useEffect(() => {
    document.title = `${props.title} · SRS console`
  }, [props.title])
  return (
    <>
      <div class="view-head">
        <div class="view-title">
          <h1 tabIndex={-1}>{props.title}</h1>
          {props.detail !== undefined && <span class="view-detail">{props.detail}</span>}
        </div>
        {props.actions !== undefined && <div class="view-actions">{props.actions}</div>}
      </div>
      {props.children}
    </>
  )
}

/** A box with a heading of its own. */
export function Panel(props: {
  title: string
  detail?: ComponentChildren
  class?: string
  children: ComponentChildren
}): JSX.Element {
  return (
    <section class={`card panel ${props.class ?? ''}`}>
      <div class="panel-head">
        <h2>{props.title}</h2>
        {props.detail !== undefined && <span class="panel-detail">{props.detail}</span>}
      </div>
      {props.children}
    </section>
  )
}

/** Stands where something will be as soon as the server has answered. */
export function Loading({ rows = 4 }: { rows?: number }): JSX.Element {
  return (
    <div class="card panel loading" aria-busy="true">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="loading-row" />
      ))}
    </div>
  )
}

/** Says that there is nothing, and why. */
export function Nothing({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{children}</p>
}
