// The board by drag and by keyboard. Without this, every free half hour is a link.

const board = document.getElementById('board');
for (const hint of document.querySelectorAll('[data-with-script]')) hint.hidden = false;

const links = () => [...board.querySelectorAll('td.f a')];
const rowOf = (link) => link.closest('tr');
const free = (cell) => cell && cell.classList.contains('f') ? cell : null;

let from = null;
let to = null;

/** Marks the free half hours between two of the same row, up to what is taken. */
function choose(first, last) {
  for (const cell of board.querySelectorAll('.chosen')) cell.classList.remove('chosen');
  from = first;
  to = first;
  if (!first || !last || rowOf(first) !== rowOf(last)) last = first;
  if (!first) return;
  const back = first.compareDocumentPosition(last) & Node.DOCUMENT_POSITION_PRECEDING;
  let cell = first.parentElement;
  while (free(cell)) {
    cell.classList.add('chosen');
    to = cell.firstElementChild;
    if (to === last) break;
    cell = back ? cell.previousElementSibling : cell.nextElementSibling;
  }
  if (back) [from, to] = [to, first];
}

/** Goes on with what is chosen. */
function book() {
  const address = new URL(from.href);
  const count = board.querySelectorAll('.chosen').length;
  if (count > 1) address.searchParams.set('length', count);
  location.href = address;
}

if (board) {
  // One stop for the Tab key; arrows go from there.
  let current = null;
  const settle = () => {
    const all = links();
    current = all.find((link) => current && link.href === current.href) || all[0] || null;
    for (const link of all) link.tabIndex = link === current ? 0 : -1;
  };
  const go = (link) => {
    if (!link) return;
    if (current) current.tabIndex = -1;
    current = link;
    link.tabIndex = 0;
    link.focus();
  };
  settle();
  board.addEventListener('renewed', settle);

  const inRow = (row, time) => [...row.querySelectorAll('td.f a')].sort((a, b) =>
    Math.abs(minutes(a) - time) - Math.abs(minutes(b) - time))[0];
  const minutes = (link) => { const [h, m] = link.textContent.split(':'); return h * 60 + Number(m); };

  board.addEventListener('keydown', (event) => {
    const link = event.target.closest('td.f a');
    if (!link) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const jump = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (step) {
      event.preventDefault();
      if (event.shiftKey) {
        const start = from && board.querySelector('.chosen') ? from : link;
        const end = to && board.querySelector('.chosen') ? to : link;
        const next = free(step > 0 ? end.parentElement.nextElementSibling : end.parentElement);
        if (step > 0 && next) choose(start, next.firstElementChild);
        if (step < 0 && end !== start) choose(start, end.parentElement.previousElementSibling.firstElementChild);
        return;
      }
      choose(null);
      const row = [...rowOf(link).querySelectorAll('td.f a')];
      go(row[row.indexOf(link) + step]);
    } else if (jump) {
      event.preventDefault();
      choose(null);
      for (let row = rowOf(link)[jump]; row; row = row[jump]) {
        const near = inRow(row, minutes(link));
        if (near) { go(near); break; }
      }
    } else if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      const row = [...rowOf(link).querySelectorAll('td.f a')];
      go(event.key === 'Home' ? row[0] : row.at(-1));
    } else if (event.key === 'Escape') {
      choose(null);
    } else if (event.key === 'Enter' && board.querySelector('.chosen')) {
      event.preventDefault();
      book();
    }
  });

  // By drag: with a mouse at once, with a finger after holding it for a moment, because a finger that moves scrolls.
  let start = null;
  let holding = 0;
  const stop = () => { clearTimeout(holding); start = null; delete board.dataset.held; };
  const begin = (link) => { start = link; board.dataset.held = 'yes'; choose(link, link); };
  board.addEventListener('pointerdown', (event) => {
    const link = event.target.closest('td.f a');
    if (!link || event.button !== 0) return;
    if (event.pointerType === 'touch') holding = setTimeout(() => { begin(link); navigator.vibrate?.(20); }, 350);
    else begin(link);
  });
  board.addEventListener('touchmove', (event) => { if (start) event.preventDefault(); }, { passive: false });
  board.addEventListener('contextmenu', (event) => { if (start) event.preventDefault(); });
  board.addEventListener('dragstart', (event) => event.preventDefault());
  addEventListener('pointermove', (event) => {
    if (!start || !event.buttons) return;
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest('td.f a');
    if (over && rowOf(over) === rowOf(start)) choose(start, over);
  });
  addEventListener('pointerup', () => {
    const several = start && board.querySelectorAll('.chosen').length > 1;
    stop();
    if (several) book();
  });
  addEventListener('pointercancel', () => { if (start) choose(null); stop(); });

  // What comes next stands in view.
  const now = board.querySelector('th.now') || links()[0]?.parentElement;
  if (now) board.scrollLeft = Math.max(0, now.offsetLeft - 120);
}
