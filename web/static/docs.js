// Starts Swagger UI on the page of web/api/docs.py; a file because the policy forbids inline script.
window.addEventListener("DOMContentLoaded", () => {
  const root = document.getElementById("api");
  window.SwaggerUIBundle({
    domNode: root, url: root.dataset.openapi, deepLinking: true, validatorUrl: null,
    defaultModelsExpandDepth: 0, displayRequestDuration: true,
  });
});
