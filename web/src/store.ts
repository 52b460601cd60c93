import { useSyncExternalStore } from 'react';
import { History } from './history.ts';
import { type Action, continues, initialState, reduce, type State } from './state.ts';

/**
 * Holds the state and the histories. Every action is reduced at once, so nothing queues up while the tab is hidden; the
 * views hear of it at most once per animation frame.
 */
export class Store {
  readonly history: History;
  #current: State;
  #shown: State;
  #scheduled = false;
  readonly #listeners = new Set<() => void>();
  readonly #schedule: (draw: () => void) => void;

  constructor(schedule: (draw: () => void) => void, nowMs: number, history: History = new History()) {
    this.#schedule = schedule;
    this.history = history;
    this.#current = initialState(nowMs);
    this.#shown = this.#current;
  }

  dispatch(action: Action): void {
    this.#record(action);
    this.#current = reduce(this.#current, action);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#publish());
  }

  /** As of the last action, for those who do not draw. */
  current(): State {
    return this.#current;
  }

  /** As of the last frame: the same object until the next one. */
  readonly snapshot = (): State => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps for the charts what the state forgets with the next message. */
  #record(action: Action): void {
    const classes = this.#current.instrument?.target.classes ?? [];
    if (action.type === 'present') {
      if (action.present.forecast !== null && this.history.length === 0) {
        this.history.pushForecast(action.present.forecast, classes);
      }
    } else if (action.type === 'message') {
      const { message } = action;
      if (message.type === 'hello' && !continues(this.#current, message.instrument)) this.history.clear();
      else if (message.type === 'forecast') this.history.pushForecast(message, classes);
      else if (message.type === 'book') this.history.pushBook(message);
    }
  }

  #publish(): void {
    this.#scheduled = false;
    this.#shown = this.#current;
    for (const listener of this.#listeners) listener();
  }
}

export function useStore(store: Store): State {
  return useSyncExternalStore(store.subscribe, store.snapshot);
}
