// Keeps the site for the time without a network. The page itself is asked for anew whenever there is one, so that a
// newer lab is seen at once; everything else carries a hash in its name and never changes. The build fills in the names.
const prefix = "neural-langevin-lab ";
const version = `${prefix}${"VERSION"}`;
const files = ["FILES"];
const scope = /** @type {any} */ (globalThis);

scope.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .open(version)
      .then((cache) => cache.addAll(files))
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener("activate", (/** @type {any} */ event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(prefix) && name !== version);
    await Promise.all(old.map((name) => caches.delete(name)));
    await scope.clients.claim();
  };
  event.waitUntil(clean());
});

/** @param {Request} request */
async function fromNetworkFirst(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("./");
    if (kept) return kept;
    throw error;
  }
}

/** @param {Request} request */
async function fromCacheFirst(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(version)).put(request, response.clone());
  return response;
}

scope.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fromNetworkFirst(request));
  // A run that is served beside the page may change.
  else if (pathname.includes("/assets/")) event.respondWith(fromCacheFirst(request));
  else if (!pathname.includes("/run/")) event.respondWith(fromNetworkOr(request));
});

/** @param {Request} request */
async function fromNetworkOr(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}
