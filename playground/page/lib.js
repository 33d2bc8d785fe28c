// What every part needs: Preact with htm, and a few small things on top.
import { Component, h } from './vendor/preact-htm.js';

export {
  Component, h, html, render, useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState,
} from './vendor/preact-htm.js';

/** Draw a component again only when one of its properties is another one. */
export function memo(part) {
  return class extends Component {
    shouldComponentUpdate(next) {
      const now = this.props;
      return Object.keys(next).some((key) => next[key] !== now[key]);
    }

    render(props) {
      return h(part, props);
    }
  };
}

/** Join class names, without those that are off. */
export const names = (...given) => given.filter(Boolean).join(' ');

/** A value that parts of the page watch. */
export function watched(first) {
  const watchers = new Set();
  let value = first;
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const watcher of [...watchers]) watcher(value);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

export const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Read and write what this browser remembers; a browser that forbids it remembers nothing. */
export const memory = {
  read(key, store = 'localStorage') {
    try {
      return window[store].getItem(`playground.${key}`);
    } catch {
      return null;
    }
  },
  write(key, value, store = 'localStorage') {
    try {
      window[store].setItem(`playground.${key}`, value);
    } catch {
      // Private windows may refuse. The page works all the same.
    }
  },
};
