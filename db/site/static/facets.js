// Datasette's table.js reads this to know whether readers may count any column.
window.DATASETTE_ALLOW_FACET = true;
