// The desk's one entry point; every module listens on the document, so fragments need no set-up of their own.
import "./reconcile.js";
import "./composer.js";
import "./files.js";
import "./reading.js";
import "./frames.js";
import "./inbox.js";
