// The one entry point: every module finds its own elements and listens on the document, so that
// fragments swapped in by htmx need no set-up of their own.
import "./menu.js";
import "./toast.js";
import "./theme.js";
import "./timeago.js";
import "./dialog.js";
import "./copy.js";
import "./keys.js";
import "./palette.js";
import "./list.js";
import "./panes.js";
import "./draft.js";
import "./combobox.js";
import "./live.js";
