"use strict";
// The SQL editor: Datasette's CodeMirror on the text area, and a button that formats what is shown.
document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("button#sql-format");
    const shown = document.querySelector("pre#sql-query");
    const input = document.querySelector("textarea#sql-editor");
    if (input) {
        const editor = CodeMirror.fromTextArea(input, { lineNumbers: true, mode: "text/x-sql", lineWrapping: true });
        editor.getInputField().setAttribute("aria-label", "SQL");
        editor.setOption("extraKeys", { "Shift-Enter": () => input.form.submit(), Tab: false });
        if (button) {
            button.hidden = false;
            button.addEventListener("click", () => editor.setValue(sqlFormatter.format(editor.getValue())));
        }
    } else if (button && shown) {
        button.hidden = false;
        button.addEventListener("click", () => { shown.textContent = sqlFormatter.format(shown.textContent); });
    }
});
