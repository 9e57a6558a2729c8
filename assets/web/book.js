// The booking form: says what kind of plate is typed, takes one of one's cars, reads a plate from a photo.

const plate = document.getElementById('plate');
const kind = document.getElementById('plate-kind');
const hint = kind.textContent;
const form = document.getElementById('book');
const photo = document.getElementById('photo');

let asked = 0;
plate.addEventListener('input', () => {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const text = plate.value.trim();
    if (text.length < 4) { kind.textContent = hint; return; }
    const answer = await fetch(`/book/plate?plate=${encodeURIComponent(text)}`).catch(() => null);
    if (answer?.ok && plate.value.trim() === text) kind.textContent = await answer.text();
  }, 250);
});

form.addEventListener('click', (event) => {
  const car = event.target.closest('[data-car]');
  if (!car) return;
  event.preventDefault();
  plate.value = car.value;
  plate.dispatchEvent(new Event('input'));
  plate.focus();
});

// The end follows the start, as long as before.
const [start, end] = [form.elements.start, form.elements.end];
let length = end.selectedIndex - start.selectedIndex;
start.addEventListener('change', () => { end.selectedIndex = Math.min(start.selectedIndex + Math.max(length, 0), end.options.length - 1); });
end.addEventListener('change', () => { length = end.selectedIndex - start.selectedIndex; });

/** Has a picture read and fills in what was read. */
async function read(picture) {
  const body = new FormData();
  body.append('image', picture, 'plate.jpg');
  kind.textContent = document.getElementById('working').textContent;
  const answer = await fetch('/api/license-plates', { method: 'POST', body }).catch(() => null);
  const read = await answer?.json().catch(() => null);
  if (!answer?.ok) { kind.textContent = read?.detail || photo.dataset.none; return; }
  if (read.plate) plate.value = read.plate;
  kind.textContent = !read.plate ? photo.dataset.none : read.confidence === null || read.confidence >= 0.9 ? photo.dataset.sure : photo.dataset.unsure;
  plate.focus();
  plate.select();
}

if (photo) {
  const file = photo.elements.image;
  document.getElementById('photo-read').hidden = true;
  file.addEventListener('change', () => { if (file.files[0]) read(file.files[0]); });
  photo.addEventListener('submit', (event) => { event.preventDefault(); if (file.files[0]) read(file.files[0]); });

  // A live picture where the page may have one.
  const [live, take, finder] = ['photo-live', 'photo-take', 'finder'].map((id) => document.getElementById(id));
  let stream = null;
  const stop = () => { stream?.getTracks().forEach((track) => track.stop()); stream = null; finder.hidden = take.hidden = true; live.hidden = false; };
  live.hidden = !(isSecureContext && navigator.mediaDevices?.getUserMedia);
  live.addEventListener('click', async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
      finder.srcObject = stream;
      finder.hidden = take.hidden = false;
      live.hidden = true;
      await finder.play();
      take.focus();
    } catch { stop(); live.hidden = true; file.focus(); }
  });
  take.addEventListener('click', () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [finder.videoWidth, finder.videoHeight];
    canvas.getContext('2d').drawImage(finder, 0, 0);
    stop();
    canvas.toBlob((blob) => { if (blob) read(blob); }, 'image/jpeg', 0.9);
  });
  addEventListener('pagehide', stop);
}
