import './service.mjs';
