// What every page does with JavaScript: it says when something takes long, and keeps what is on show up to date.

const working = document.getElementById('working');
const offline = document.getElementById('offline');

// A form that takes longer than a moment says so, and is not sent twice.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = 'yes';
  setTimeout(() => { working.hidden = false; }, 800);
});
// Who comes back to a page finds it as it was.
addEventListener('pageshow', () => {
  working.hidden = true;
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

// Asking before what cannot be undone; without JavaScript the button is asked about on the next page or not at all.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-ask]');
  if (button && !confirm(button.dataset.ask)) event.preventDefault();
});

/** Fetches this page again and puts its parts with `data-live` in place of those on show, unless somebody is at work in
 * one of them. The parts are compared, so that what stayed the same is not touched: no focus is lost, nothing flickers. */
async function renew() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
  if (answer.redirected || !answer.ok) { if (answer.status === 401 || answer.redirected) location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.innerHTML === part.dataset.was || part.dataset.held) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    if (focused && ['INPUT', 'SELECT', 'TEXTAREA'].includes(focused.tagName)) continue;
    const key = focused && (focused.id || focused.getAttribute('href'));
    const [left, top] = [part.scrollLeft, part.scrollTop];
    part.dataset.was = fresh.innerHTML;
    part.replaceChildren(...fresh.childNodes);
    part.scrollTo(left, top);
    if (key) (document.getElementById(key) || part.querySelector(`[href="${CSS.escape(key)}"]`) || part).focus({ preventScroll: true });
    part.dispatchEvent(new CustomEvent('renewed', { bubbles: true }));
  }
}

let asked = 0;
let running = false;
/** Renews once for many events that come together, and never twice at a time. */
function soon(wait) {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    if (running) return soon(300);
    running = true;
    try { await renew(); told(true); } catch { told(false); } finally { running = false; }
  }, wait);
}
function told(fine) {
  document.body.dataset.connection = fine ? 'good' : 'lost';
  if (offline) offline.hidden = fine;
  const stale = document.getElementById('stale');
  if (stale) stale.hidden = fine;
  document.dispatchEvent(new CustomEvent(fine ? 'connected' : 'disconnected'));
}

if (document.querySelector('[data-live]')) {
  for (const part of document.querySelectorAll('[data-live]')) part.dataset.was = part.innerHTML;
  const events = document.body.querySelector('[data-events]');
  // The stream reconnects by itself. A page that nobody sees has none: browsers open only a few connections to a site, and
  // ten pages in the background must not take them all.
  let stream = null;
  let opened = false;
  const follow = () => {
    if (!events || stream || document.hidden) return;
    stream = new EventSource('/api/events');
    for (const what of ['reservation', 'bay', 'sighting', 'calendar', 'reset']) {
      stream.addEventListener(what, () => soon(50 + Math.random() * 100));
    }
    stream.onopen = () => { if (opened) soon(0); opened = true; told(true); };
    const mine = stream;
    mine.onerror = () => {
      if (opened) told(false);
      // Somebody else may answer for a server that is away, such as a proxy: then browsers give a stream up for good.
      if (mine.readyState !== EventSource.CLOSED || stream !== mine) return;
      stream = null;
      setTimeout(follow, 2000 + Math.random() * 3000);
    };
  };
  const leave = () => { stream?.close(); stream = null; };
  follow();
  const every = Number(document.querySelector('[data-every]')?.dataset.every || 60);
  setInterval(() => { if (!document.hidden) soon(Math.random() * 500); }, every * 1000);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return leave();
    follow();
    soon(0);
  });
  addEventListener('pagehide', leave);
  addEventListener('pageshow', follow);
  addEventListener('online', () => soon(0));
  addEventListener('offline', () => told(false));
}

if ('serviceWorker' in navigator && isSecureContext) navigator.serviceWorker.register('/worker.js').catch(() => {});
