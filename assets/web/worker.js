// Says in our words that there is no connection. Nothing else is kept: what is booked is asked of the server.

const OFFLINE = '/offline';
const NAME = 'jari-offline';

addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then(async (cache) => {
    const page = await fetch(OFFLINE, { cache: 'reload' });
    const text = await page.clone().text();
    const needed = [...text.matchAll(/(?:href|src)="(\/web\/[^"]+)"/g)].map((match) => match[1]);
    await cache.addAll(needed);
    await cache.put(OFFLINE, page);
  }));
  skipWaiting();
});
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate' && request.method === 'GET') {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (new URL(request.url).pathname.startsWith('/web/')) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
