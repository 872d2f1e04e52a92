// Geoman looks for a global L, so this module must be imported before it.

import L from "leaflet";
import "leaflet/dist/leaflet.css";

Object.assign(globalThis, { L });

export { L };
