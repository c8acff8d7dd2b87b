import "@picocss/pico/css/pico.min.css";
import "./style.css";
import { render } from "preact";
import { configure } from "./api/client";
import { Page } from "./page";

const place = document.getElementById("page");
if (place) {
  void configure().then(() => {
    place.replaceChildren();
    render(<Page />, place);
  });
}
