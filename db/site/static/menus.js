"use strict";
document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.actions-menu-links[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
    }
});
