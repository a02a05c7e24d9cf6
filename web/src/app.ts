// The one script of every page: htmx and our islands. No text and no HTML is made here.
import "htmx.org";
import { keys } from "./keys";
import { live } from "./live";
import { theme } from "./theme";

theme();
keys();
live();
