// Hear of every change. A browser opens six connections to a server at most, and each tab would hold one for ever;
// so one tab listens for all of them and tells the others. When it closes, the next one takes over.

const EVENTS = '/playground/changes';

export function listen({ changed, lost }) {
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    open(changed, lost);
    return;
  }
  const channel = new BroadcastChannel('playground');
  channel.onmessage = ({ data }) => (data === 'lost' ? lost() : changed());
  navigator.locks.request('playground.events', () => new Promise(() => {
    open(
      () => { changed(); channel.postMessage('changed'); },
      () => { lost(); channel.postMessage('lost'); },
    );
  }));
}

function open(changed, lost) {
  const source = new EventSource(EVENTS);
  source.onopen = changed;
  source.onmessage = changed;
  source.onerror = () => {
    lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => open(changed, lost), 1000);
  };
}
