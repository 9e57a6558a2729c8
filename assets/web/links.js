// The pages behind the links of our mails. The secret stands behind the #: it was never sent to a server, and leaves
// the address before anything else is done.
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const form = document.getElementById("link");
const said = document.getElementById("said");
const button = form.querySelector("button");

function say(text, done) {
  said.textContent = text;
  said.hidden = false;
  said.className = `notice ${done ? "good" : "wrong"}`;
  if (done) form.hidden = true;
}

if (!secret) say(form.dataset.missing, false);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!secret) return say(form.dataset.missing, false);
  const body = Object.fromEntries(new FormData(form));
  body[form.dataset.secret] = secret;
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.call, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify(body),
    });
    if (answer.ok) return say(form.dataset.done, true);
    const problem = await answer.json();
    const fields = (problem.errors ?? []).map((error) => error.message);
    say([problem.detail, ...fields].join(" "), false);
  } catch {
    say(form.dataset.unreachable, false);
  } finally {
    button.disabled = false;
  }
});
