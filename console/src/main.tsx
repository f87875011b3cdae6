// Where the console begins: the language and the theme first, then who is signed in, then the pages.

// oxlint-disable-next-line import/no-unassigned-import -- the styles
import "./styles/console.css";
import { createRoot } from "react-dom/client";
import { Console } from "./console.tsx";
import { startI18n } from "./i18n/i18n.ts";
import { applyTheme } from "./shell/theme-choice.ts";

applyTheme();
const place = document.getElementById("console");
if (place === null) throw new Error("the page has no place for the console");
await startI18n();
createRoot(place).render(<Console />);
