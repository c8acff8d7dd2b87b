/** Where an API key is entered; it is kept until the tab is closed. */
import { useEffect, useRef } from "preact/hooks";
import { keepKey, key, keyWanted } from "../api/client";

export function KeyButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const wanted = keyWanted.value;
  useEffect(() => {
    if (wanted && !dialog.current?.open) dialog.current?.showModal();
  }, [wanted]);
  const close = () => {
    keyWanted.value = false;
    dialog.current?.close();
  };
  const enter = (event: Event) => {
    event.preventDefault();
    keepKey(field.current?.value.trim() ?? "");
    close();
  };
  return (
    <>
      <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
        {key.value ? "API key ✓" : "API key"}
      </button>
      <dialog ref={dialog} aria-labelledby="key-title" onClose={close}>
        <article>
          <h2 id="key-title">API key</h2>
          <p>{wanted ? "This API wants a key, or another one than was given." : "Sent with every question."} It is kept in this tab only.</p>
          <form onSubmit={enter}>
            <label>
              Key or token
              <input ref={field} type="password" autocomplete="off" defaultValue={key.value} />
            </label>
            <div class="actions">
              <button type="submit">Use it</button>
              <button type="button" class="secondary" onClick={close}>
                Not now
              </button>
            </div>
          </form>
        </article>
      </dialog>
    </>
  );
}
